/** Every icon, drawn on a 20 × 20 grid in the colour of the text around it. */
import type { ReactNode } from "react";

const paths = {
  plus: <path d="M10 4v12M4 10h12" />,
  search: <path d="M14 14l3 3M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12z" />,
  menu: <path d="M3.5 6h13M3.5 10h13M3.5 14h13" />,
  close: <path d="M5 5l10 10M15 5L5 15" />,
  check: <path d="M4.5 10.5l3.5 3.5 7.5-8" />,
  warning: (
    <path d="M10 7.5v3.5M10 13.8v.2M8.7 3.9L2.6 14.5A1.5 1.5 0 0 0 3.9 16.8h12.2a1.5 1.5 0 0 0 1.3-2.3L11.3 3.9a1.5 1.5 0 0 0-2.6 0z" />
  ),
  send: <path d="M10 16V4M5 9l5-5 5 5" />,
  stop: <rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor" stroke="none" />,
  copy: (
    <path d="M7 7V4.5A1.5 1.5 0 0 1 8.5 3h7A1.5 1.5 0 0 1 17 4.5v7a1.5 1.5 0 0 1-1.5 1.5H13M4.5 7h7A1.5 1.5 0 0 1 13 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7z" />
  ),
  chevron: <path d="M7.5 5l5 5-5 5" />,
  down: <path d="M10 4v12M5 11l5 5 5-5" />,
  more: <path d="M4.5 10h.01M10 10h.01M15.5 10h.01" strokeWidth="2.5" />,
  pencil: (
    <path d="M12.5 4.5l3 3M4 16l.8-3.8 8.7-8.7a1.5 1.5 0 0 1 2.1 0l.9.9a1.5 1.5 0 0 1 0 2.1L7.8 15.2z" />
  ),
  trash: <path d="M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.7 10.5h7.6l.7-10.5M8.5 8.5v5M11.5 8.5v5" />,
  retry: <path d="M4 10a6 6 0 1 1 1.8 4.3M4 15.5v-3.7h3.7" />,
  sun: (
    <path d="M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1" />
  ),
  moon: <path d="M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3z" />,
  auto: <path d="M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 3v14M10 6.5h5.5M10 10h7M10 13.5h5.5" />,
  pulse: <path d="M2.5 10.5h3.5l2-6 4 11 2-5h3.5" />,
  leave: <path d="M8 3.5H5A1.5 1.5 0 0 0 3.5 5v10A1.5 1.5 0 0 0 5 16.5h3M12.5 13.5L16 10l-3.5-3.5M16 10H8" />,
  keyboard: (
    <path d="M3.5 5.5h13a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M7 11.5h6" />
  ),
  back: <path d="M12.5 5l-5 5 5 5" />,
  clock: <path d="M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.7 1.6" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {paths[name]}
    </svg>
  );
}

/** The mark: a plumb line, the oldest way to find a true line. */
export function Mark({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M8 7h16" stroke="var(--accent-ink)" strokeWidth="2.5" strokeLinecap="round" />
      <path d="M16 7v8" stroke="var(--accent-ink)" strokeWidth="2" />
      <path d="M16 13.5l4.6 4.8L16 27l-4.6-8.7z" fill="var(--accent-ink)" />
    </svg>
  );
}
