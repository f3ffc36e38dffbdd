/** Which model, at which provider, at what price: validated settings to a `Model` (RN2). What a configuration file holds. */
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { assertNever } from "@trueline/kit";
import type { Model } from "@trueline/server";
import type { LanguageModel } from "ai";
import { z } from "zod";
import { createProviderModel } from "./provider-model.ts";

const common = {
  /** As the provider calls it: `gpt-5`, `claude-sonnet-4-5`, `llama3.3`. */
  model: z.string().min(1),
  /** US dollars per million tokens; with it a run's cost is known. */
  price: z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() }).optional(),
  /** How often a call is tried again that failed before its first part. 0: never. */
  retries: z.int().min(0).max(10).default(2),
  /** Most tokens of one answer. Absent: the provider's own bound. */
  maxOutputTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  headers: z.record(z.string(), z.string()).optional(),
};
const apiKey = z.string().min(1);
const baseUrl = z.url({ protocol: /^https?$/ });

export const modelSettingsSchema = z.discriminatedUnion("provider", [
  z.strictObject({
    provider: z.literal("openai-compatible"),
    /** Up to and including `/v1`. */
    baseUrl,
    /** Names the provider in the model's id. Default: the host of `baseUrl`. */
    name: z.string().min(1).optional(),
    /** Absent: the server wants none. */
    apiKey: apiKey.optional(),
    ...common,
  }),
  z.strictObject({ provider: z.literal("openai"), apiKey, baseUrl: baseUrl.optional(), ...common }),
  z.strictObject({ provider: z.literal("anthropic"), apiKey, baseUrl: baseUrl.optional(), ...common }),
]);
export type ModelSettings = z.input<typeof modelSettingsSchema>;
type CheckedSettings = z.output<typeof modelSettingsSchema>;

/** Throws a ZodError that lists every mistake of the settings. */
export function createModel(settings: ModelSettings): Model {
  const checked = modelSettingsSchema.parse(settings);
  const { price, retries, maxOutputTokens, temperature, apiKey } = checked;
  return createProviderModel({
    id: modelId(checked),
    model: languageModel(checked),
    retries,
    secrets: apiKey === undefined ? [] : [apiKey],
    ...(price === undefined ? {} : { price }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  });
}

function modelId(settings: CheckedSettings): string {
  if (settings.provider !== "openai-compatible") return `${settings.provider}/${settings.model}`;
  return `${settings.name ?? new URL(settings.baseUrl).host}/${settings.model}`;
}

function languageModel(settings: CheckedSettings): LanguageModel {
  const { model, headers = {} } = settings;
  const base = settings.baseUrl === undefined ? {} : { baseURL: settings.baseUrl };
  switch (settings.provider) {
    case "openai":
      return createOpenAI({ apiKey: settings.apiKey, headers, ...base })(model);
    case "anthropic":
      return createAnthropic({ apiKey: settings.apiKey, headers, ...base })(model);
    case "openai-compatible":
      return createOpenAICompatible({
        name: settings.name ?? new URL(settings.baseUrl).host,
        baseURL: settings.baseUrl,
        headers,
        includeUsage: true,
        ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
      })(model);
    default:
      return assertNever(settings);
  }
}
