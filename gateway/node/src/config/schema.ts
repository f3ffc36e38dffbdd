/**
 * What a gateway can be told, with unit, default and what zero means. Flags, environment and file are all checked by this
 * one schema; its JSON Schema is `trueline up --schema`'s answer. Secrets are named by the environment variable they are in.
 */
import { accessLimitsSchema, limitsSchema } from "@trueline/server";
import { z } from "zod";
import { logLevels } from "../observe/log.ts";

const name = z.string().min(1).max(100);
/** US dollars for a million tokens. */
const price = z.number().min(0);

export const modelSchema = z.strictObject({
  /** What agents call it. */
  name,
  provider: z.enum(["openai-compatible", "openai", "anthropic"]),
  /** What the provider calls it. */
  model: z.string().min(1),
  /** Where the provider's API is. Needed for openai-compatible. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** The environment variable that holds the key; absent: none is sent. */
  apiKeyEnv: z.string().min(1).optional(),
  prices: z.strictObject({ input: price, output: price }).optional(),
});
export type ModelConfig = z.output<typeof modelSchema>;

export const agentSchema = z.strictObject({
  name,
  /** Of `models`, or `offline`: the built-in one, which needs no key and is no language model. */
  model: name,
  description: z.string().max(500).default(""),
  instructions: z.string().default(""),
  /** Whether messages that name no agent go to it. Absent everywhere: the first. */
  default: z.boolean().default(false),
});
export type AgentConfig = z.output<typeof agentSchema>;

export const oidcSchema = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1),
  /** The environment variable that holds the client's secret; absent: a public client. */
  clientSecretEnv: z.string().min(1).optional(),
  /** Where people reach this gateway, `https://chat.example.com`. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  scopes: z.array(z.string().min(1)).default(["openid", "email", "profile"]),
  /** Whether somebody new gets an account at the first sign-in. */
  signUp: z.boolean().default(true),
});

export const configSchema = z
  .strictObject({
    /** The address that is listened on. */
    host: z.string().min(1).default("127.0.0.1"),
    /** 0: any free one. */
    port: z.coerce.number().int().min(0).max(65_535).default(8080),
    /** The data directory, made when it is not there. Relative to the working directory. */
    data: z.string().min(1).default("./.trueline"),
    /** Makes the users ada@example.com and bob@example.com. Only on loopback. */
    demo: flag(false),
    /** Pages that may use the gateway beside those of its own origin, `https://app.example.com`. */
    origins: list(z.url({ protocol: /^https?$/ })),
    /** Proxies in front whose X-Forwarded-For is believed. 0: none. */
    trustedProxies: z.coerce.number().int().min(0).max(10).default(0),
    /** Whether the chat and operations pages are served. */
    pages: flag(true),
    /** The e-mail address of the administrator whom the first start makes. */
    administrator: z.email().optional(),
    /** The environment variable with the token that may read /metrics; absent: loopback and administrators. */
    metricsTokenEnv: z.string().min(1).optional(),
    /** Where traces are sent, as OTLP over HTTP. Absent: nowhere. */
    tracesEndpoint: z.url({ protocol: /^https?$/ }).optional(),
    logLevel: z.enum(logLevels).default("info"),
    /** `normal`: an acknowledged event survives `kill -9`. `full`: a power cut too, for one fsync a commit. */
    synchronous: z.enum(["normal", "full"]).default("normal"),
    limits: limitsSchema.prefault({}),
    access: accessLimitsSchema.prefault({}),
    models: z.array(modelSchema).default([]),
    agents: z.array(agentSchema).default([]),
    oidc: oidcSchema.optional(),
  })
  .superRefine(checkAsAWhole);
export type Config = z.output<typeof configSchema>;

/** The environment has only text. */
function flag(byDefault: boolean) {
  const text = { true: true, false: false, "1": true, "0": false } as const;
  return z
    .preprocess(
      (given) => (typeof given === "string" ? (text[given as keyof typeof text] ?? given) : given),
      z.boolean(),
    )
    .default(byDefault);
}

/** In the environment: separated by commas. */
function list(item: z.ZodType<string>) {
  return z
    .preprocess(
      (given) => (typeof given === "string" ? given.split(",").map((part) => part.trim()) : given),
      z.array(item),
    )
    .default([]);
}

/** What one field alone cannot show. Runs only once every field is right by itself. */
function checkAsAWhole(
  config: z.output<z.ZodObject<{ host: z.ZodString }>> & Record<string, unknown>,
  issues: z.RefinementCtx,
): void {
  const { host, demo, models, agents } = config as unknown as Config;
  const mistake = (path: (string | number)[], message: string): void => {
    issues.addIssue({ code: "custom", path, message });
  };
  if (demo && !isLoopbackHost(host))
    mistake(["demo"], `the demo users have a known password, so it runs on loopback only, not on ${host}`);
  for (const [index, model] of models.entries()) {
    if (model.provider === "openai-compatible" && !model.baseUrl)
      mistake(["models", index, "baseUrl"], "an openai-compatible model needs the address of its API");
    if (model.name === "offline")
      mistake(["models", index, "name"], '"offline" is the name of the built-in model');
  }
  reportRepeats(models, "models", mistake);
  reportRepeats(agents, "agents", mistake);
  const known = new Set(["offline", ...models.map((model) => model.name)]);
  for (const [index, agent] of agents.entries())
    if (!known.has(agent.model))
      mistake(
        ["agents", index, "model"],
        `there is no model of this name; there is ${[...known].join(", ")}`,
      );
  if (agents.filter((agent) => agent.default).length > 1)
    mistake(["agents"], "more than one agent is the default");
}

function reportRepeats(
  items: readonly { readonly name: string }[],
  key: string,
  mistake: (path: (string | number)[], message: string) => void,
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(item.name)) mistake([key, index, "name"], `"${item.name}" is there twice`);
    seen.add(item.name);
  }
}

export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
