import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { describe, expect, it } from "vitest";
import { startGateway } from "./harness.ts";

const root = new URL("../", import.meta.url);

/** As a page would bundle it; React is the page's own. */
async function bundle(entry: string): Promise<{ code: string; modules: readonly string[] }> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    root: root.pathname,
    resolve: { conditions: ["trueline-source", "module", "browser", "production"] },
    build: {
      write: false,
      minify: true,
      lib: { entry: new URL(entry, root).pathname, formats: ["es"] },
      rolldownOptions: { external: ["react"] },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunks = outputs
    .flatMap((one) => ("output" in one ? one.output : []))
    .filter(({ type }) => type === "chunk");
  return {
    code: chunks.map((chunk) => ("code" in chunk ? chunk.code : "")).join("\n"),
    modules: chunks.flatMap((chunk) => ("moduleIds" in chunk ? chunk.moduleIds : [])),
  };
}

describe("package", () => {
  it("UI3: the example of the README is examples/ask.ts, and it runs", async () => {
    const { url, gateway } = await startGateway();
    const example = new URL("examples/ask.ts", root);
    const readme = await readFile(new URL("README.md", root), "utf8");
    expect(readme).toContain(`\`\`\`ts\n${await readFile(example, "utf8")}\`\`\``);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--conditions=trueline-source", example.pathname],
      { env: { ...process.env, TRUELINE_URL: url, TRUELINE_PASSWORD: "secret" } },
    );
    expect(stdout).toBe("You said: What is 6 * 7?");
    expect(stderr).toContain("[online]");
    expect(gateway.runs).toBe(1);
  });

  it("UI3: a browser bundles no zod, nothing of Node, and under 15 KB", async () => {
    const { code, modules } = await bundle("src/index.ts");
    expect(modules.filter((id) => !/\/(gateway\/client|gateway\/protocol|kit)\/src\//.test(id))).toEqual([]);
    expect(code).not.toMatch(/from\s*["']node:|zod|process\./i);
    expect(gzipSync(code).length).toBeLessThan(15_000);
  });

  it("UI3: the hooks bring React from outside and nothing else", async () => {
    const { code, modules } = await bundle("src/react.ts");
    expect(modules.some((id) => id.includes("zod"))).toBe(false);
    expect(code.match(/from\s*["']([^"']+)["']/g)).toHaveLength(1);
    expect(gzipSync(code).length).toBeLessThan(15_000);
  });
});
