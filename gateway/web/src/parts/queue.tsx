/** Messages that wait for the running answer: to be steered in now, or taken back. */
import { plural } from "../format.ts";
import type { Turn } from "../turns.ts";
import { Icon } from "./icon.tsx";

interface QueueProps {
  readonly turns: readonly Turn[];
  /** Hands the message to the running answer instead. */
  readonly onSteer: (turn: Turn) => void;
  readonly onTakeBack: (turn: Turn) => void;
}

export function Queue({ turns, onSteer, onTakeBack }: QueueProps) {
  if (turns.length === 0) return null;
  return (
    <section className="queue" aria-label="Waiting messages">
      <h2>{plural(turns.length, "message")} waiting for this answer</h2>
      <ol>
        {turns.map((turn) => (
          <li key={turn.runId}>
            <span>{turn.asked[0]?.text}</span>
            <button type="button" className="link-button" onClick={() => onSteer(turn)}>
              Steer now
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label="Take this message back"
              title="Take back"
              onClick={() => onTakeBack(turn)}
            >
              <Icon name="close" size={16} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
