/** The field in which a message is written, with what goes with it: agent, queue or steer, send, stop. */
import type { AgentView } from "@trueline/client";
import { type KeyboardEvent, type RefObject, useState } from "react";
import { formatCount, plural } from "../format.ts";
import { Icon } from "./icon.tsx";

export type WhileActive = "queue" | "steer";

interface ComposerProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly draft: string;
  readonly onDraft: (text: string) => void;
  readonly maxLength: number;
  readonly onSend: (whileActive: WhileActive) => void;
  /** Undefined while no run is active. */
  readonly onStop: (() => void) | undefined;
  readonly agents: readonly AgentView[];
  readonly agent: string | undefined;
  readonly onAgent: (name: string) => void;
}

export function Composer(props: ComposerProps) {
  const { field, draft, onDraft, maxLength, onSend, onStop } = props;
  const [whileActive, setWhileActive] = useState<WhileActive>("queue");
  const running = onStop !== undefined;
  const tooLong = draft.length > maxLength;
  const ready = draft.trim() !== "" && !tooLong;

  const send = () => {
    if (ready) onSend(running ? whileActive : "queue");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className="composer-box"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        aria-label="Message"
        aria-describedby="composer-hint"
        aria-keyshortcuts="Enter"
        placeholder={running ? "Add something…" : "Ask your agent…"}
        rows={1}
        value={draft}
        onChange={(event) => onDraft(event.target.value)}
        onKeyDown={onKeyDown}
        enterKeyHint="send"
      />
      <div className="composer-row">
        <AgentPick {...props} />
        <span id="composer-hint" className={`composer-hint ${tooLong ? "bad" : ""}`}>
          {tooLong
            ? `${plural(draft.length - maxLength, "character")} too long: ${formatCount(maxLength)} are allowed`
            : "Enter sends, Shift+Enter starts a new line"}
        </span>
        {running && draft !== "" ? <Choice chosen={whileActive} onChoose={setWhileActive} /> : null}
        {running ? (
          <button
            type="button"
            className="round stop"
            onClick={onStop}
            aria-label="Stop the answer"
            title="Stop (Ctrl .)"
          >
            <Icon name="stop" />
          </button>
        ) : null}
        {running && draft === "" ? null : (
          <button type="submit" className="round" disabled={!ready} aria-label="Send" title="Send (Enter)">
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function Choice({ chosen, onChoose }: { chosen: WhileActive; onChoose: (choice: WhileActive) => void }) {
  const option = (value: WhileActive, label: string) => (
    <label>
      <input
        type="radio"
        name="while-active"
        value={value}
        checked={chosen === value}
        onChange={() => onChoose(value)}
      />
      {label}
    </label>
  );
  return (
    <fieldset className="choice">
      <legend className="unseen">While an answer is being written</legend>
      {option("queue", "Queue")}
      {option("steer", "Steer now")}
    </fieldset>
  );
}

function AgentPick({ agents, agent, onAgent }: Pick<ComposerProps, "agents" | "agent" | "onAgent">) {
  if (agents.length < 2) return null;
  return (
    <select
      className="pick"
      aria-label="Agent"
      value={agent}
      onChange={(event) => onAgent(event.target.value)}
    >
      {agents.map(({ name, model }) => (
        <option key={name} value={name} title={model}>
          {name}
        </option>
      ))}
    </select>
  );
}
