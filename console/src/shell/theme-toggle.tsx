import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconMoon, IconSun } from "../parts/icons";

/** Light or dark. Until it is used, the page follows the system. */
export function ThemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const next = shown === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Change to ${next} colours`}
      onClick={() => setColorScheme(next)}
    >
      {next === "dark" ? <IconMoon /> : <IconSun />}
    </ActionIcon>
  );
}
