/** Configuration: the first source wins, and every mistake is listed with where it stands. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMistake, gatewayOptions, loadConfig } from "@trueline/gateway";
import { describe, expect, it, onTestFinished } from "vitest";

interface Given {
  readonly flags?: Record<string, unknown>;
  readonly environment?: Record<string, string>;
  readonly file?: string;
}

function load({ flags = {}, environment = {}, file }: Given) {
  const directory = mkdtempSync(join(tmpdir(), "trueline-config-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  if (file !== undefined) writeFileSync(join(directory, "trueline.config.yaml"), file);
  return loadConfig({ flags, environment, directory });
}

function good(given: Given) {
  const loaded = load(given);
  if (!loaded.ok) throw new Error(loaded.error.map(describeMistake).join("\n"));
  return loaded.value;
}

function mistakes(given: Given): readonly string[] {
  const loaded = load(given);
  return loaded.ok ? [] : loaded.error.map(describeMistake);
}

describe("CL1: configuration", () => {
  it("CL1: has a default for everything", () => {
    const { config } = good({});
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      data: "./.trueline",
      demo: false,
      synchronous: "normal",
    });
    expect(config.limits.frameBytes).toBe(262_144);
  });

  it("CL1: flags win over the environment, that over the file; tables are merged", () => {
    const { config } = good({
      flags: { port: "1" },
      environment: {
        TRUELINE_PORT: "2",
        TRUELINE_LIMITS_STEPS: "7",
        TRUELINE_ORIGINS: "https://a.example, https://b.example",
      },
      file: "port: 3\nlogLevel: warn\nlimits:\n  steps: 8\n  connections: 9\n",
    });
    expect(config.port).toBe(1);
    expect(config.logLevel).toBe("warn");
    expect([config.limits.steps, config.limits.connections]).toEqual([7, 9]);
    expect(config.origins).toEqual(["https://a.example", "https://b.example"]);
  });

  it("CL1: lists every mistake with its source and line", () => {
    const listed = mistakes({
      flags: { port: "many" },
      environment: { TRUELINE_LIMITS_STEPS: "0", TRUELINE_PAGES: "perhaps" },
      file: [
        "limts: {}",
        "limits:",
        "  frameBytes: big",
        "models:",
        "  - name: m",
        "    provider: acme",
        "    model: x",
      ].join("\n"),
    });
    expect(listed).toHaveLength(6);
    expect(listed).toContainEqual(expect.stringMatching(/^--port: .*number/));
    expect(listed).toContainEqual(expect.stringMatching(/^TRUELINE_LIMITS_STEPS: /));
    expect(listed).toContainEqual(expect.stringMatching(/^TRUELINE_PAGES: .*true or false/));
    expect(listed).toContainEqual("trueline.config.yaml:1: limts: there is no such option");
    expect(listed).toContainEqual(expect.stringMatching(/^trueline\.config\.yaml:3: limits\.frameBytes: /));
    expect(listed).toContainEqual(expect.stringMatching(/^trueline\.config\.yaml:6: models\.0\.provider: /));
  });

  it("CL1: mistakes are said in words, and those between options beside those of fields", () => {
    const file =
      "agents:\n  - { name: one, model: nowhere }\n  - { name: two, model: offline, description: 7 }\nmodels: []\n";
    expect(mistakes({ file, flags: { demo: true, host: "0.0.0.0", port: "many" } })).toEqual([
      "--port: expected a number, got text",
      "trueline.config.yaml:2: agents.0.description: is missing",
      "trueline.config.yaml:3: agents.1.description: expected text, got a number",
      expect.stringMatching(/^--demo: .*loopback/),
    ]);
  });

  it("AU1: the demo is refused on any host that is not loopback", () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.com"])
      expect(mistakes({ flags: { demo: true, host } })).toEqual([
        expect.stringMatching(/^--demo: .*loopback/),
      ]);
    for (const host of ["127.0.0.1", "localhost", "::1"])
      expect(mistakes({ flags: { demo: true, host } })).toEqual([]);
  });

  it("RN1: mistakes between models and agents are told, and secrets that are not set", () => {
    const file = [
      "models:",
      "  - { name: a, provider: openai-compatible, model: x }",
      "  - { name: a, provider: openai, model: x, apiKeyEnv: NOT_SET }",
      "agents:",
      "  - { name: one, model: nowhere, description: d }",
    ].join("\n");
    expect(mistakes({ file })).toEqual([
      expect.stringMatching(/:2: models\.0\.baseUrl: /),
      expect.stringMatching(/:5: agents\.0\.model: .*offline, a/),
      expect.stringMatching(/:3: models\.1\.name: .*twice/),
      expect.stringMatching(/:3: models\.1\.apiKeyEnv: .*NOT_SET/),
    ]);
  });

  it("RN1: configured agents are registered, the default first, each with its model", () => {
    const environment = { KEY: "secret" };
    const { config } = good({
      environment,
      file: [
        "models:",
        "  - { name: local, provider: openai-compatible, model: llama, baseUrl: 'http://127.0.0.1:1/v1' }",
        "  - { name: big, provider: anthropic, model: claude, apiKeyEnv: KEY, price: { input: 3, output: 15 } }",
        "agents:",
        "  - { name: quick, model: local, description: Quick }",
        "  - { name: wise, model: big, description: Wise, default: true }",
        "  - { name: plain, model: offline, description: Plain }",
      ].join("\n"),
    });
    const { agents = [] } = gatewayOptions(config, environment);
    expect(agents.map(({ name, model }) => [name, model.id])).toEqual([
      ["wise", "anthropic/claude"],
      ["quick", "127.0.0.1:1/llama"],
      ["plain", "offline"],
    ]);
  });

  it("CL1: a file that is no YAML, or not there, is a mistake with its place", () => {
    expect(mistakes({ file: "a: [1\nb: 2" })[0]).toMatch(/^trueline\.config\.yaml:\d+: /);
    expect(mistakes({ file: "- just\n- a list" })[0]).toMatch(/map of options/);
    const loaded = loadConfig({ flags: {}, environment: {}, directory: tmpdir(), file: "not-there.yaml" });
    expect(loaded.ok ? [] : loaded.error.map(describeMistake)).toEqual([
      expect.stringMatching(/^not-there\.yaml: cannot be read/),
    ]);
  });

  it("CL1: the example of the documentation is right", () => {
    const text = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    const file = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    const { config } = good({ file, environment: { METRICS_TOKEN: "x", ANTHROPIC_API_KEY: "x" } });
    expect(config.agents.map(({ name }) => name)).toEqual(["assistant", "offline"]);
  });

  it("CL1: variables that only look like ours are named", () => {
    expect(good({ environment: { TRUELINE_PROT: "1", TRUELINE_PROBE_EMAIL: "x" } }).unknownVariables).toEqual(
      ["TRUELINE_PROT"],
    );
  });
});
