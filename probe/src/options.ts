/** What a probe is made with: one table, each option with its unit and default. Mistakes are reported together. */
export interface ProbeAccount {
  readonly email: string;
  readonly password: string;
}

/** Milliseconds. A leg that is not over by then has failed; so no walk takes longer than their sum. */
export interface Budgets {
  /** Ticket, socket and `welcome`, for both users. Default 2,000. */
  readonly connectMs: number;
  /** From the message to the first event of its run. Default 5,000. */
  readonly firstEventMs: number;
  /** From the message to the answer. Default 30,000. */
  readonly answerMs: number;
  /** Each of the others. Resume, which waits for a run of its own, has the answer's and the connect's on top. Default 10,000. */
  readonly otherMs: number;
}

export const defaultBudgets: Budgets = {
  connectMs: 2_000,
  firstEventMs: 5_000,
  answerMs: 30_000,
  otherMs: 10_000,
};

export interface ProbeOptions {
  /** Of the gateway: `http(s)://host[:port][/base]`. */
  readonly url: string;
  /** Two different users: the second one is there to see nothing. Default on loopback: the demo's; elsewhere they must be given. */
  readonly accounts?: readonly [ProbeAccount, ProbeAccount];
  readonly budgets?: Partial<Budgets>;
  /** The agent to ask. Default: the gateway's. */
  readonly agent?: string;
}

export interface ResolvedOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly accounts: readonly [ProbeAccount, ProbeAccount];
  /** Nobody chose the accounts: that they are not there says nothing about the gateway. */
  readonly demoAccounts: boolean;
  readonly budgets: Budgets;
  readonly agent: string | undefined;
}

/** Made by `trueline up --demo`. The gateway refuses the demo on any host that is not loopback. */
const demoAccounts = [
  { email: "ada@example.com", password: "trueline-demo" },
  { email: "bob@example.com", password: "trueline-demo" },
] as const;

/** Every mistake of the options, in one sentence each. */
export class ProbeOptionsError extends Error {
  override readonly name = "ProbeOptionsError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.mistakes = mistakes;
  }
}

export function resolveOptions(options: ProbeOptions): ResolvedOptions {
  const url = parsedUrl(options.url);
  const budgets = { ...defaultBudgets, ...options.budgets };
  const given = options.accounts;
  const mistakes = [
    ...(url ? [] : [`url: ${options.url} is not an http or https address`]),
    ...Object.entries(budgets)
      .filter(([, ms]) => !(Number.isFinite(ms) && ms > 0))
      .map(([name, ms]) => `budgets.${name}: must be more than 0 milliseconds, not ${ms}`),
    ...accountMistakes(url, given),
  ];
  if (!url || mistakes.length > 0) throw new ProbeOptionsError(mistakes);
  return {
    url: url.href.replace(/\/+$/, ""),
    accounts: given ?? demoAccounts,
    demoAccounts: given === undefined,
    budgets,
    agent: options.agent,
  };
}

function accountMistakes(url: URL | undefined, given: ProbeOptions["accounts"]): readonly string[] {
  if (given === undefined) {
    if (!url || isLoopback(url.hostname)) return [];
    return [`accounts: give two users of ${url.host}; only on loopback are the demo's tried without`];
  }
  const [first, second] = given;
  const same = first.email.trim().toLowerCase() === second.email.trim().toLowerCase();
  return same ? [`accounts: ${first.email} is given twice; isolation needs two different users`] : [];
}

function parsedUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  url.search = "";
  url.hash = "";
  return url;
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127\./.test(host);
