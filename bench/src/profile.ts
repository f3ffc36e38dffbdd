/** CPU profile of the server process over the measured window, for `--profile`. The figures of such a run do not count. */
import { writeFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector/promises";

const session = new Session();

export async function startProfile(): Promise<void> {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
}

/** Writes the profile to `file` (open it in a browser's developer tools); gives the costliest functions as lines. */
export async function stopProfile(file: string): Promise<readonly string[]> {
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  writeFileSync(file, JSON.stringify(profile));
  return costliest(profile, 30);
}

/** Share of samples in which a function itself was running. */
function costliest({ nodes, samples = [] }: Profiler.Profile, count: number): readonly string[] {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const hits = new Map<string, number>();
  for (const sample of samples) {
    const frame = byId.get(sample);
    const where = frame
      ? `${frame.functionName || "(anonymous)"} ${shorten(frame.url)}:${frame.lineNumber + 1}`
      : "?";
    hits.set(where, (hits.get(where) ?? 0) + 1);
  }
  return [...hits]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([where, hit]) => `${((hit / samples.length) * 100).toFixed(1).padStart(5)} %  ${where}`);
}

const shorten = (url: string): string => url.split("/").slice(-3).join("/");
