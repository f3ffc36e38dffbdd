/** What stands on the page before the first message. */
import type { AgentView, UserView } from "@trueline/client";

/** Each is something that the built-in agent can do with its real tools. */
const starters = [
  "What is 17.5% of 2480, and what time is it in Tokyo?",
  "How many days until Christmas?",
  "Tell me about Trueline, at length.",
];

interface WelcomeProps {
  readonly user: UserView;
  readonly agent: AgentView | undefined;
  readonly onStart: (text: string) => void;
}

export function Welcome({ user, agent, onStart }: WelcomeProps) {
  return (
    <div className="welcome">
      <h2>What shall we find out, {user.name.split(" ")[0]}?</h2>
      <p>
        {agent === undefined ? "Your agent answers here" : `${agent.description}`} You see each step as it is
        taken.
      </p>
      <ul className="starters">
        {starters.map((text) => (
          <li key={text}>
            <button type="button" onClick={() => onStart(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
