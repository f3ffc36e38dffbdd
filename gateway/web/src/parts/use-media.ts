/** Whether a media query holds, followed as it changes. */
import { useCallback, useSyncExternalStore } from "react";

/** Below it the list of threads lies over the page. The same width stands in the style sheets. */
export const narrow = "(max-width: 52rem)";

export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
