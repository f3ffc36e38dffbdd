/** Copies a text and says whether that worked. */
import { useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

type State = "ready" | "copied" | "failed";
const shownMs = 2_000;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<State>("ready");

  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), shownMs);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = () =>
    copyText(text).then(
      () => setState("copied"),
      () => setState("failed"),
    );

  const shown = { ready: label, copied: "Copied", failed: "Could not copy" }[state];
  return (
    <button type="button" className="copy" onClick={copy} aria-label={shown} title={shown}>
      <Icon name={state === "copied" ? "check" : state === "failed" ? "warning" : "copy"} size={14} />
      <span aria-hidden="true">{state === "ready" ? "Copy" : shown}</span>
    </button>
  );
}

/** The clipboard is there on HTTPS and localhost only. */
async function copyText(text: string): Promise<void> {
  if (!("clipboard" in navigator)) throw new Error("this page has no access to the clipboard");
  await navigator.clipboard.writeText(text);
}
