/**
 * The gateway in a process of its own, as a proof needs it: the shipped `createGateway` with agents whose answers are
 * known, and accounts that take the bearer for the user's id. Ends when the process that started it is gone.
 */
import { createGateway } from "@trueline/gateway";
import { markerAgent } from "./marker-agent.ts";
import type { Answer, Question, Settings } from "./protocol.ts";
import { scriptedAgent } from "./scripted-agent.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as Settings;

const gateway = createGateway({
  store: { directory: settings.directory },
  accounts: { verify: verifyUser },
  agents: [scriptedAgent({ linesFile: settings.linesFile, pieceMs: settings.pieceMs }), markerAgent()],
  limits: settings.limits,
  access: settings.access,
  metricsToken: "metrics",
  log: settings.log,
});

/** `admin.…` is an administrator; every other bearer is a user. */
function verifyUser(token: string | undefined) {
  if (token === undefined) return undefined;
  return { id: token, role: token.startsWith("admin.") ? ("administrator" as const) : ("user" as const) };
}

process.on("disconnect", () => process.exit(9));
process.on("SIGTERM", () => {
  gateway.close().then(() => process.exit(0), fail);
});
process.on("message", (question: Question) => {
  answer(question).then((found) => process.send?.(found), fail);
});
gateway.listen({ port: settings.port }).then(({ url, port }) => {
  const ready: Answer = { type: "ready", url, port };
  process.send?.(ready);
}, fail);

async function answer(question: Question): Promise<Answer> {
  if (question.collect) for (let round = 0; round < 3; round++) await collect();
  const { heapUsed, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return { type: "numbers", heapUsed, rss, resources, counts: { ...(await gateway.counts()) } };
}

/** What ends in a callback of this turn is garbage in the next. */
async function collect(): Promise<void> {
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
}

function fail(error: unknown): void {
  process.stderr.write(`${(error as Error).stack ?? error}\n`);
  process.exit(1);
}
