/** Light, dark or as the system says. theme.js in public/ applies the stored choice before the first paint. */
import { useState } from "react";
import { readStored, writeStored } from "./stored.ts";

const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export function useTheme(): { readonly theme: Theme; readonly setTheme: (theme: Theme) => void } {
  const [theme, setShown] = useState<Theme>(storedTheme);
  const setTheme = (next: Theme) => {
    setShown(next);
    writeStored("theme", next === "system" ? undefined : next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
  };
  return { theme, setTheme };
}

export const nextTheme = (theme: Theme): Theme =>
  themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";

function storedTheme(): Theme {
  const stored = readStored("theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}
