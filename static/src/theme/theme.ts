import { createTheme, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef0fd",
  "#dce0fa",
  "#b9c1f5",
  "#97a3ff",
  "#8b9bff",
  "#6475e6",
  "#4c5fd5",
  "#4254c4",
  "#3848ad",
  "#2c3a8f",
];

/** White words on it can be read: Mantine's own is too light for them. */
const red: MantineColorsTuple = [
  "#fdecea",
  "#fad4cf",
  "#f2a79f",
  "#ea7a6e",
  "#e05a4c",
  "#d44637",
  "#c2362a",
  "#b23124",
  "#962a1f",
  "#7a2219",
];

const dark: MantineColorsTuple = [
  "#e8e9ee",
  "#c9cad2",
  "#a6a8b4",
  "#8f929e",
  "#2a2c34",
  "#24262e",
  "#1b1c22",
  "#1b1c22",
  "#131418",
  "#0e0f12",
];

export const theme = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
  primaryColor: "accent",
  primaryShade: 6,
  colors: { accent, red, dark },
  defaultRadius: 7,
  cursorType: "pointer",
  fontSizes: { xs: "11.5px", sm: "13px", md: "13px", lg: "15px", xl: "17px" },
  headings: { fontWeight: "650" },
  components: {
    Button: { defaultProps: { size: "xs" }, styles: { label: { fontSize: 12.5, fontWeight: 550 } } },
    Textarea: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
    Modal: { defaultProps: { centered: true, radius: 10, closeButtonProps: { "aria-label": "Close" } } },
  },
});
