/** Goes through system, light and dark. */
import { nextTheme, useTheme } from "../theme.ts";
import { Icon } from "./icon.tsx";

const shown = {
  system: { icon: "auto", label: "Theme: as the system" },
  light: { icon: "sun", label: "Theme: light" },
  dark: { icon: "moon", label: "Theme: dark" },
} as const;

export function ThemeButton() {
  const { theme, setTheme } = useTheme();
  const { icon, label } = shown[theme];
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => setTheme(nextTheme(theme))}
    >
      <Icon name={icon} />
    </button>
  );
}
