/** A block of code with its language and a button that copies it. */
import { CopyButton } from "./copy-button.tsx";

export function CodeBlock({
  code,
  language,
}: {
  readonly code: string;
  readonly language?: string | undefined;
}) {
  const name = language?.split(/\s/)[0] || "text";
  return (
    <figure className="code-block">
      <figcaption>
        <span>{name}</span>
        <CopyButton text={code} label="Copy code" />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines must be scrollable by keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
