/** Signing in: with e-mail and password, or at the company's identity provider. A gateway with `--demo` offers its users. */
import type { InfoResponse, UserView } from "@trueline/client";
import { TruelineError } from "@trueline/client";
import { useClient } from "@trueline/client/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { providerHref } from "../arrival.ts";
import { sentence, withoutWait } from "../format.ts";
import { loadInfo } from "../info.ts";
import { Mark } from "../parts/icon.tsx";
import { Note } from "../parts/note.tsx";
import { ThemeButton } from "../parts/theme-button.tsx";
import { useSecondsUntil } from "../use-now.ts";

type Attempt =
  | { readonly state: "none" }
  | { readonly state: "running" }
  | { readonly state: "failed"; readonly message: string; readonly retryAt: number | undefined };

interface SignInProps {
  /** Why somebody who was signed in is not any more. */
  readonly reason: string | undefined;
  /** A sign-in that is on its way back from the identity provider. */
  readonly arrival: Promise<UserView> | undefined;
}

export function SignIn({ reason, arrival }: SignInProps) {
  const client = useClient();
  const info = useInfo();
  const [attempt, setAttempt] = useState<Attempt>({ state: arrival === undefined ? "none" : "running" });
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const seconds = useSecondsUntil(attempt.state === "failed" ? attempt.retryAt : undefined);

  useEffect(() => {
    document.title = "Sign in · Trueline";
    email.current?.focus();
  }, []);

  useEffect(() => {
    arrival?.catch((error: unknown) => setAttempt(describeFailure(error)));
  }, [arrival]);

  const signIn = (as: string, secret: string) => {
    setAttempt({ state: "running" });
    client.login(as, secret).catch((error: unknown) => {
      setAttempt(describeFailure(error));
      password.current?.focus();
    });
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    signIn(email.current?.value.trim() ?? "", password.current?.value ?? "");
  };

  const busy = attempt.state === "running";
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="brand">
          <Mark size={32} />
          Trueline
        </div>
        <h1>Sign in</h1>
        <p className="sign-in-lead">Talk to your agents, and watch every step they take.</p>
        <form onSubmit={onSubmit}>
          {attempt.state === "failed" ? (
            <Note kind="bad" urgent>
              {attempt.message}
              {seconds > 0 ? ` You can try again in ${seconds} s.` : ""}
            </Note>
          ) : reason === undefined ? null : (
            <Note kind="plain">{sentence(reason)}</Note>
          )}
          <div className="field">
            <label htmlFor="email">E-mail</label>
            <input
              id="email"
              ref={email}
              className="input"
              type="email"
              autoComplete="username"
              required
              maxLength={320}
            />
          </div>
          <div className="field">
            <label htmlFor="password">Password</label>
            <input
              id="password"
              ref={password}
              className="input"
              type="password"
              autoComplete="current-password"
              required
              maxLength={1024}
            />
          </div>
          <button type="submit" className="button primary" disabled={busy || seconds > 0}>
            {busy ? <span className="spinner" /> : null}
            {busy ? "Signing in…" : "Sign in"}
          </button>
        </form>
        {info?.identityProvider === undefined ? null : (
          <Provider name={info.identityProvider.name} busy={busy} />
        )}
        {info?.demo === undefined ? null : <Demo demo={info.demo} busy={busy} onChoose={signIn} />}
      </div>
      <footer className="sign-in-foot">
        {info === undefined ? null : <span>Trueline {info.version}</span>}
        <ThemeButton />
      </footer>
    </main>
  );
}

/** A link and no button: the way goes over the provider's own pages. */
function Provider({ name, busy }: { readonly name: string; readonly busy: boolean }) {
  return (
    <>
      <p className="or">or</p>
      <a className="button provider" href={providerHref} aria-disabled={busy}>
        Continue with {name}
      </a>
    </>
  );
}

interface DemoProps {
  readonly demo: NonNullable<InfoResponse["demo"]>;
  readonly busy: boolean;
  readonly onChoose: (email: string, password: string) => void;
}

function Demo({ demo, busy, onChoose }: DemoProps) {
  return (
    <section className="demo" aria-label="Demo">
      <p>
        This is a demo. Its users have the password <code>{demo.password}</code>.
      </p>
      <div className="demo-users">
        {demo.emails.map((email) => (
          <button
            key={email}
            type="button"
            className="button small"
            disabled={busy}
            onClick={() => onChoose(email, demo.password)}
          >
            Enter as {email.split("@")[0]}
          </button>
        ))}
      </div>
    </section>
  );
}

function describeFailure(error: unknown): Attempt {
  const message = error instanceof Error ? error.message : String(error);
  const after = error instanceof TruelineError ? error.retryAfterMs : undefined;
  const unreachable = !(error instanceof TruelineError);
  return {
    state: "failed",
    message: unreachable
      ? `The server could not be reached. Check your connection and try again. (${message})`
      : sentence(after === undefined ? message : withoutWait(message)),
    retryAt: after === undefined ? undefined : Date.now() + after,
  };
}

/** Undefined until it is known; without it the page only lacks its hints. */
function useInfo(): InfoResponse | undefined {
  const [info, setInfo] = useState<InfoResponse | undefined>(undefined);
  useEffect(() => {
    loadInfo().then(setInfo, (error: unknown) => console.warn("the gateway did not say what it is", error));
  }, []);
  return info;
}
