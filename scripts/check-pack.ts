/**
 * `npm run check-pack`: packs every package, installs the tarballs into an empty folder as a user would, and sees that
 * they work there: every entry loads and has types that compile, and `trueline up --demo` serves its pages. Needs the
 * registry. Exit code 1 with the first thing that does not work.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, "..");
const folders = [
  "kit",
  "gateway/protocol",
  "gateway/server",
  "gateway/agents",
  "gateway/stores",
  "gateway/client",
].concat(["gateway/web", "gateway/node", "probe", "migrate/model", "migrate/python", "cli"]);
/** Entries for tests of adapters: they need vitest, which whoever uses them has. */
const forTests = ["@trueline/server/testing"];

const elsewhere = mkdtempSync(join(tmpdir(), "trueline-pack-"));
try {
  const packed = folders.map(pack);
  for (const one of packed) await checkContents(one);
  install(packed);
  checkEntries(folders.map(readManifest));
  await checkCommand();
  console.log(`packages: ${packed.length} packed, installed elsewhere and run`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(elsewhere, { recursive: true, force: true });
}

function pack(folder: string): Packed {
  const answer = npm(root, ["pack", "--json", "--pack-destination", elsewhere, "-w", folder]);
  const [packed] = Object.values(JSON.parse(answer)) as Packed[];
  if (!packed) throw new Error(`npm pack gave nothing for ${folder}`);
  console.log(`${packed.name}: ${packed.files.length} files, ${Math.round(packed.size / 1024)} KiB`);
  return packed;
}

async function checkContents({ name, files, filename }: Packed): Promise<void> {
  const paths = files.map(({ path }) => path);
  const unwanted = paths.filter((path) => /(^|\/)(src|test)\/|tsbuildinfo|\.test\./.test(path));
  if (unwanted.length > 0) throw new Error(`${name} packs what is not for its users: ${unwanted.join(", ")}`);
  if (!paths.includes("LICENSE")) throw new Error(`${name} lacks its licence`);
  const tarball = readFileSync(join(elsewhere, filename));
  const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
  const { messages, pkg } = await publint({
    pack: { tarball: data },
    level: "warning",
  });
  // Sources are not packed: only the repository itself uses that condition.
  const ofUsers = messages.filter(({ path }) => !path.includes("trueline-source"));
  if (ofUsers.length > 0) {
    throw new Error(`${name}: ${ofUsers.map((message) => formatMessage(message, pkg)).join("; ")}`);
  }
}

function install(packed: readonly Packed[]): void {
  const types = { ...readManifest("gateway/client").devDependencies, ...readManifest(".").devDependencies };
  const wanted = ["@types/node", "@types/react", "react", "vitest", "fast-check"].map(
    (name) => `${name}@${types[name]}`,
  );
  writeFileSync(
    join(elsewhere, "package.json"),
    JSON.stringify({ name: "elsewhere", private: true, type: "module" }),
  );
  const tarballs = packed.map(({ filename }) => join(elsewhere, basename(filename)));
  npm(elsewhere, [
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    ...tarballs,
    ...wanted,
  ]);
}

function checkEntries(manifests: readonly Manifest[]): void {
  const entries = manifests.flatMap(({ name, exports = {} }) =>
    Object.keys(exports).map((key) => name + key.slice(1)),
  );
  const imports = entries.map((entry, index) => `import * as entry${index} from "${entry}";`);
  const shown = entries.map((_, index) => `entry${index}`).join(", ");
  writeFileSync(join(elsewhere, "use.ts"), `${imports.join("\n")}\nconsole.log([${shown}].length);\n`);
  writeFileSync(join(elsewhere, "load.js"), loaderOf(entries.filter((entry) => !forTests.includes(entry))));
  const options = {
    strict: true,
    noEmit: true,
    target: "es2024",
    module: "nodenext",
    lib: ["es2024", "dom", "esnext"],
  };
  const compilerOptions = { ...options, types: ["node"], skipLibCheck: false };
  writeFileSync(join(elsewhere, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  checkTypes();
  execFileSync(process.execPath, ["load.js"], { cwd: elsewhere, stdio: "inherit" });
  console.log(`entries: ${entries.length} load and compile`);
}

/** Declarations of others are checked with ours: whoever compiles without `skipLibCheck` has them to compile too. */
function checkTypes(): void {
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", ".", "--pretty", "false"];
  const { stdout, status, error } = spawnSync(process.execPath, tsc, { cwd: elsewhere, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(stdout);
}

function loaderOf(entries: readonly string[]): string {
  return entries.map((entry) => `await import("${entry}");\n`).join("");
}

async function checkCommand(): Promise<void> {
  const command = join(elsewhere, "node_modules", ".bin", "trueline");
  const version = execFileSync(command, ["--version"], { cwd: elsewhere }).toString().trim();
  const up = spawn(command, ["up", "--demo", "--json", "--port", "0"], {
    cwd: elsewhere,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(up, "exit");
  const [line] = await Promise.race([once(createInterface(up.stdout), "line"), exited.then(refuseExit)]);
  const { url, pid } = JSON.parse(line);
  for (const path of ["/healthz", "/readyz", "/"]) {
    const { status } = await fetch(url + path);
    if (status !== 200) throw new Error(`trueline up answers ${status} to ${path}`);
  }
  process.kill(pid, "SIGTERM");
  const [code] = await exited;
  if (code !== 0) throw new Error(`trueline up ended with ${code}`);
  console.log(`trueline ${version}: up, served, down`);
}

function refuseExit([code]: unknown[]): never {
  throw new Error(`trueline up ended with ${code} before it was ready`);
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

/** Gives what it wrote to standard output. */
function npm(cwd: string, args: readonly string[]): string {
  return execFileSync("npm", args, {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  }).toString();
}
