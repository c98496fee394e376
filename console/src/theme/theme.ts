import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const sea: MantineColorsTuple = [
  "#eef6f8",
  "#dcebef",
  "#b5d5dd",
  "#8bbecb",
  "#68abbc",
  "#519fb3",
  "#3a8ea3",
  "#2a7488",
  "#20616f",
  "#134a56",
];

export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 7 },
  colors: { sea },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: "600" },
  components: {
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 600, miw: "max-content" } },
    Notification: {
      defaultProps: { closeButtonProps: { "aria-label": "Close" } },
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    },
    Modal: {
      defaultProps: {
        closeButtonProps: { "aria-label": "Close" },
        centered: true,
        radius: "lg",
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
      },
      styles: { title: { fontWeight: 600 } },
    },
    Paper: { defaultProps: { radius: "lg" } },
  },
});

/** Text that stays readable (WCAG AA) on every surface, and the surfaces themselves. */
export const variables: CSSVariablesResolver = () => ({
  variables: { "--surface-radius": "14px" },
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#56606b",
    "--mantine-color-placeholder": "#66707b",
    "--mantine-color-error": "#b42318",
    "--mantine-color-red-filled": "#c02a22",
    "--mantine-color-red-filled-hover": "#a3221b",
    "--mantine-color-red-outline": "#b42318",
    "--mantine-color-red-text": "#b42318",
    "--mantine-color-red-light-color": "#a61b12",
    "--mantine-color-green-light-color": "#17602c",
    "--mantine-color-yellow-light-color": "#7a4300",
    "--mantine-color-blue-light-color": "#12508f",
    "--mantine-color-gray-light-color": "#454d55",
    "--mantine-color-sea-light-color": "#134a56",
    "--wait": "#8f5a00",
    "--page": "#f5f7f8",
    "--line": "#e2e7ea",
    "--up": "#16794c",
    "--down": "#b42318",
  },
  dark: {
    "--mantine-color-body": "#171b1f",
    "--mantine-color-dimmed": "#a3adb7",
    "--mantine-color-placeholder": "#929ca6",
    "--mantine-color-error": "#ff8f85",
    "--mantine-color-red-filled": "#c02a22",
    "--mantine-color-red-filled-hover": "#a3221b",
    "--mantine-color-red-outline": "#ff8f85",
    "--mantine-color-red-text": "#ff8f85",
    "--mantine-color-red-light-color": "#ffb3ac",
    "--mantine-color-green-light-color": "#8fe3b4",
    "--mantine-color-yellow-light-color": "#ffd98a",
    "--mantine-color-blue-light-color": "#a8cdf7",
    "--mantine-color-gray-light-color": "#c9d1d9",
    "--mantine-color-sea-light-color": "#a9d6e0",
    "--wait": "#f0b44c",
    "--page": "#0f1215",
    "--line": "#2a3137",
    "--up": "#4ccf92",
    "--down": "#ff8f85",
  },
});
