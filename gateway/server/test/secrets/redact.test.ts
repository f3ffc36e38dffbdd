import { redact, redactText } from "@trueline/server";
import { describe, expect, it } from "vitest";

describe("redaction", () => {
  it("AU5: fields that are named like secrets are masked, however they are written and wherever they lie", () => {
    const request = {
      headers: { Authorization: "Bearer abcdefgh", cookie: "sid=1", "x-api-key": "k", "Set-Cookie": ["a=1"] },
      body: {
        email: "ada@example.com",
        password: "p",
        user_password: 1234,
        nested: [{ refreshToken: "r", ticket: "t" }],
      },
      config: { openaiApiKey: "k", clientSecret: { value: "s" }, signing_key: "k", passwordHash: "h" },
    };
    expect(redact(request)).toEqual({
      headers: {
        Authorization: "[redacted]",
        cookie: "[redacted]",
        "x-api-key": "[redacted]",
        "Set-Cookie": "[redacted]",
      },
      body: {
        email: "ada@example.com",
        password: "[redacted]",
        user_password: "[redacted]",
        nested: [{ refreshToken: "[redacted]", ticket: "[redacted]" }],
      },
      config: {
        openaiApiKey: "[redacted]",
        clientSecret: "[redacted]",
        signing_key: "[redacted]",
        passwordHash: "[redacted]",
      },
    });
  });

  it("AU5: counts and truth values that are only named so stay", () => {
    const usage = {
      inputTokens: 12,
      outputTokens: 3,
      hasPassword: true,
      password: null,
      tokenizer: "x",
    };
    expect(redact(usage)).toEqual(usage);
  });

  it("AU5: secrets inside a text are masked: tokens, keys, tickets in an address, passwords in an address", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
    expect(redactText(`refused ${jwt} of Basic YWRhOnBhc3M= with sk-abcdefghijkl1234`)).toBe(
      "refused [redacted] of Basic [redacted] with [redacted]",
    );
    expect(redactText("GET /v1/ws?a=1&ticket=abc.def-1 HTTP/1.1")).toBe(
      "GET /v1/ws?a=1&ticket=[redacted] HTTP/1.1",
    );
    expect(redactText("/cb?code=x1&state=y2#z")).toBe("/cb?code=[redacted]&state=[redacted]#z");
    expect(redactText("postgres://ada:hunter2@db:5432/x")).toBe("postgres://ada:[redacted]@db:5432/x");
  });

  it.each([
    ["postgres://:pw1234@host/db", "postgres://:[redacted]@host/db"],
    ["password: hunter2", "password: [redacted]"],
    ["DB_PASSWORD=hunter2; next", "DB_PASSWORD=[redacted]; next"],
    ['{"apiKey": "two words", "name": "ada"}', '{"apiKey": "[redacted]", "name": "ada"}'],
    ['"{\\"token\\":\\"t0k3n\\",\\"a\\":1}"', '"{\\"token\\":\\"[redacted]\\",\\"a\\":1}"'],
    ['secret: "one\\"two", x', 'secret: "[redacted]", x'],
    ["key=abc123&x=1", "key=[redacted]&x=1"],
    ["git ghp_abcdefghijklmnopqrst1234", "git [redacted]"],
    ["id AKIAIOSFODNN7EXAMPLE", "id [redacted]"],
    ["sk-proj-abcdefghijkl", "[redacted]"],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend", "[redacted]\nend"],
  ])("AU5: credentials in what a program says are masked: %s", (text, shown) => {
    expect(redactText(text)).toBe(shown);
    expect(redactText(shown)).toBe(shown);
  });

  it.each(["monkey: banana", "12 tokens: fine", "https://example.com:8080/a@b", "a keyboard = good"])(
    "AU5: what only resembles a secret stays: %s",
    (text) => expect(redactText(text)).toBe(text),
  );

  it("AU5: an error is copied with its cause, and masked; cycles and depth do no harm", () => {
    const error = Object.assign(new Error("bad token Bearer abcdefgh", { cause: new Error("?ticket=abc") }), {
      apiKey: "k",
    });
    const copy = redact(error) as Record<string, unknown>;
    expect(copy).toMatchObject({
      name: "Error",
      message: "bad token Bearer [redacted]",
      apiKey: "[redacted]",
    });
    expect(JSON.stringify(copy)).not.toMatch(/abcdefgh|ticket=abc/);
    const loop: Record<string, unknown> = { a: 1 };
    loop.self = loop;
    expect(redact(loop)).toEqual({ a: 1, self: "[circular]" });
    let deep: unknown = "end";
    for (let level = 0; level < 5000; level++) deep = { deep };
    expect(JSON.stringify(redact(deep))).toContain("[too deep]");
  });

  it("AU5: a text made to be slow to search is not", () => {
    const hostile = [
      `${"a.".repeat(100_000)}://`,
      `http://${"a:".repeat(50_000)}`,
      "eyJ".repeat(60_000),
      "?".repeat(100_000),
      "-----BEGIN PRIVATE KEY-----".repeat(10_000),
      `key="${"password='".repeat(20_000)}`,
      "pass".repeat(50_000),
    ];
    for (const text of hostile) expect(redactText(text).length).toBeGreaterThan(0);
  }, 5_000);
});
