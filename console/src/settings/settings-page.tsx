import { useMe } from "@mandate/react";
import { SegmentedControl, Stack, Text, Title, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { Loaded } from "../parts/loaded";
import { Page } from "../shell/page";
import { PasswordForm } from "./password-form";
import { ProfileForm } from "./profile-form";

/** Who one is, how the console looks, and the password. */
export default function SettingsPage() {
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Page title="Settings">
      <Loaded query={me}>
        {(user) => (
          <Stack gap="lg" maw={640}>
            <Part title="Profile">
              <ProfileForm user={user} />
            </Part>
            <Part title="Appearance">
              <SegmentedControl
                aria-label="Colours"
                value={colorScheme}
                onChange={(value) => setColorScheme(value as "auto" | "light" | "dark")}
                data={[
                  { value: "auto", label: "As the system" },
                  { value: "light", label: "Light" },
                  { value: "dark", label: "Dark" },
                ]}
              />
            </Part>
            <Part title="Password">
              <Text size="sm" c="dimmed" mb="sm">
                Changing it ends your other sessions.
              </Text>
              <PasswordForm email={user.email} />
            </Part>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="surface" style={{ padding: 20 }} aria-label={title}>
      <Title order={2} size="h4" mb="md">
        {title}
      </Title>
      {children}
    </section>
  );
}
