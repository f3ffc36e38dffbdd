/**
 * `node --conditions=trueline-source migrate/python/bench/scan.ts <folder> [name …]`: how fast the sources of a folder are read,
 * filtered by names, and scanned, each by itself and on one thread, in CPU time of that thread; the median of nine rounds.
 * Reading is from the page cache.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import { createReader, prefilterFor, scanPython } from "@trueline/migrate-python";

const [folder = ".", ...names] = process.argv.slice(2);
const paths = globSync("**/*.py", { cwd: folder }).map((path) => join(folder, path));
const reader = createReader();
const holds = prefilterFor(names.length > 0 ? names : ["WebSocketManager", "websocket_manager"]);

const forEachSource =
  (visit: (source: Buffer) => number): (() => number) =>
  () => {
    let sum = 0;
    for (const path of paths) {
      const read = reader.read(path);
      if (!read.ok) throw new Error(`${path}: ${read.reason}`);
      sum += visit(read.bytes);
    }
    return sum;
  };

const bytes = forEachSource(({ length }) => length)();
const workloads = {
  read: forEachSource(({ length }) => length),
  "read and filter": forEachSource((source) => (holds(source) ? 1 : 0)),
  "read and scan": forEachSource((source) => scanPython(source).imports.length),
  "read and scan with strings": forEachSource(
    (source) => scanPython(source, { tokens: true }).strings.length,
  ),
};

process.stdout.write(`${paths.length} files, ${(bytes / 1e6).toFixed(1)} MB\n`);
for (const [name, run] of Object.entries(workloads)) {
  const rounds = Array.from({ length: 9 }, () => {
    const before = process.threadCpuUsage();
    const sum = run();
    const { user, system } = process.threadCpuUsage(before);
    return { ms: (user + system) / 1000, sum };
  }).sort((one, other) => one.ms - other.ms);
  const median = rounds[4] ?? { ms: 0, sum: 0 };
  const speed = (bytes / 1e3 / median.ms).toFixed(0);
  process.stdout.write(`${name}: ${median.ms.toFixed(0)} ms, ${speed} MB/s, ${median.sum} found\n`);
}
