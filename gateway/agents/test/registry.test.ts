import { createRegistry, defineAgent, defineTool, offlineAgent, RegistryError } from "@trueline/agents";
import type { ToolContext } from "@trueline/server";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const offline = offlineAgent();
const { model } = offline;
const helper = defineAgent({ name: "helper", description: "Helps", instructions: "Help.", model });

function mistakesOf(...args: Parameters<typeof createRegistry>): readonly string[] {
  try {
    createRegistry(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryError);
    return (error as RegistryError).mistakes;
  }
  throw new Error("there was no mistake");
}

describe("the registry", () => {
  it("RN1: finds agents by name; without a name the first, or the one that is said to be the default", () => {
    const registry = createRegistry([offline, helper]);
    expect(registry.find()).toBe(offline);
    expect(registry.find("helper")).toBe(helper);
    expect(registry.find("nobody")).toBeUndefined();
    expect(registry.find("__proto__")).toBeUndefined();
    const other = createRegistry([offline, helper], { default: "helper" });
    expect(other.find()).toBe(helper);
    expect(other.list()).toEqual([helper, offline]);
  });

  it("RN1: cannot be changed afterwards", () => {
    const agents = [offline];
    const registry = createRegistry(agents);
    agents.push(helper);
    expect(registry.find("helper")).toBeUndefined();
    expect(() => (registry.list() as unknown[]).push(helper)).toThrow();
  });

  it("RN1: names every mistake at once", () => {
    const tool = defineTool({
      name: "has space",
      description: "",
      parameters: z.string(),
      timeoutMs: 0,
      execute: () => "",
    });
    const dated = defineTool({
      name: "dated",
      description: "d",
      parameters: z.object({ at: z.date() }),
      execute: () => "",
    });
    const broken = defineAgent({
      name: "helper",
      description: " ",
      instructions: "",
      model,
      tools: [tool, dated, dated],
    });
    const mistakes = mistakesOf([helper, broken, defineAgent({ ...helper, name: "" })], {
      default: "nobody",
    });
    for (const expected of [
      "agent helper: registered twice",
      "default: there is no agent nobody",
      "agent helper: a description is missing",
      "agent helper: tool dated: given twice",
      "agent helper: tool has space: the name may hold",
      "agent helper: tool has space: a description is missing",
      "agent helper: tool has space: timeoutMs must be more than 0",
      "agent helper: tool has space: parameters must be an object schema",
      "agent helper: tool dated: parameters cannot be told to a model",
      "agent (no name): the name may hold",
    ]) {
      expect(
        mistakes.some((mistake) => mistake.startsWith(expected)),
        expected,
      ).toBe(true);
    }
    expect(mistakesOf([])).toEqual(["no agent is given"]);
  });

  it("RN1: a tool gets its arguments as its schema makes them, and may not be repeated unless it says so", async () => {
    const tool = defineTool({
      name: "double",
      description: "Doubles",
      parameters: z.strictObject({ value: z.coerce.number() }),
      execute: ({ value }) => `${value * 2}`,
    });
    const parsed = tool.parameters.parse({ value: "21" });
    expect(await tool.execute(parsed as never, {} as ToolContext)).toBe("42");
    expect(tool.repeatable).toBe(false);
  });
});
