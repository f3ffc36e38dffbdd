import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A checkout in small: our set-up, and one dependency that stands in for Vite. */
let checkout: string;

const dependencies = { vite: "file:vite" };
const manifest = { name: "small", version: "1.0.0", private: true, dependencies };
const lockFile = (version: string) => ({
  name: "small",
  version,
  lockfileVersion: 3,
  packages: {
    "": { name: "small", version, dependencies },
    "node_modules/vite": { resolved: "vite", link: true },
    vite: { version: "1.0.0" },
  },
});

const vite = `
const fs = require("node:fs");
fs.mkdirSync("dist", { recursive: true });
fs.writeFileSync("dist/index.html", "");
`;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "trueline-setup-"));
  for (const folder of ["scripts", "vite/bin", "gateway/web/src"]) {
    mkdirSync(join(checkout, folder), { recursive: true });
  }
  for (const script of ["setup.mjs", "lock.mjs", "runtime.mjs"]) {
    cpSync(join(import.meta.dirname, "..", script), join(checkout, "scripts", script));
  }
  write("package.json", manifest);
  write("package-lock.json", lockFile("1.0.0"));
  write("vite/package.json", { name: "vite", version: "1.0.0" });
  write("vite/bin/vite.js", vite);
  write("gateway/web/src/main.tsx", "one");
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const write = (path: string, content: unknown): void =>
  writeFileSync(join(checkout, path), typeof content === "string" ? content : JSON.stringify(content));

async function setUp(...nodeOptions: string[]) {
  const child = spawn(process.execPath, [...nodeOptions, join(checkout, "scripts", "setup.mjs")]);
  const exited = once(child, "exit");
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}

const installed = (stderr: string): boolean => stderr.includes("installing dependencies");

describe("set-up", () => {
  it("installs what the lock file says, leaves that as it is, and again when it has changed", async () => {
    const first = await setUp();
    expect([first.code, first.stdout, installed(first.stderr)]).toEqual([0, "", true]);
    expect(JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8"))).toEqual(lockFile("1.0.0"));
    write("package.json", { ...manifest, version: "1.0.1" });
    write("package-lock.json", lockFile("1.0.1"));
    expect(installed((await setUp()).stderr)).toBe(true);
  });

  it("says nothing when there is nothing to do", async () => {
    await setUp();
    expect(await setUp()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("builds the pages again when their sources have changed, and installs nothing for it", async () => {
    await setUp();
    write("gateway/web/src/main.tsx", "two");
    expect(await setUp()).toEqual({ code: 0, stdout: "", stderr: "set-up: building the web pages\n" });
  });

  it("lets one of two at once do the work", async () => {
    const outcomes = await Promise.all([setUp(), setUp()]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(outcomes.filter(({ stderr }) => installed(stderr))).toHaveLength(1);
    expect(existsSync(join(checkout, ".setup", "lock"))).toBe(false);
  });

  it("takes over from one that was killed", async () => {
    const lock = join(checkout, ".setup", "lock");
    mkdirSync(lock, { recursive: true });
    const anHourAgo = Date.now() / 1000 - 3_600;
    utimesSync(lock, anHourAgo, anHourAgo);
    expect((await setUp()).code).toBe(0);
  });

  it("says what to do where there is no Node that will do", async () => {
    const old = "data:text/javascript,Object.defineProperty(process,'version',{value:'v20.20.2'})";
    const { code, stderr } = await setUp("--import", old);
    expect(code).toBe(1);
    expect(stderr).toContain("needs Node 22.18.0 or newer. This is Node 20.20.2");
  });

  it("fails when npm does, and does not take it as done", async () => {
    write("package-lock.json", "{");
    expect((await setUp()).code).toBe(1);
    expect((await setUp()).code).toBe(1);
  });
});
