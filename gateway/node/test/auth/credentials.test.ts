import { newId } from "@trueline/kit";
import { base64url, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { argon2Hasher } from "../../src/auth/password-hasher.ts";
import { createTokenSigner } from "../../src/auth/token-signer.ts";

describe("passwords", () => {
  it("AU1: are kept as argon2id with the parameters that OWASP names, salted", async () => {
    const [one, two] = await Promise.all([argon2Hasher.hash("secret"), argon2Hasher.hash("secret")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await argon2Hasher.verify(one, "secret")).toBe(true);
    expect(await argon2Hasher.verify(one, "Secret")).toBe(false);
  });

  it("AU1: are hashed off the main thread, which goes on meanwhile", async () => {
    const order: string[] = [];
    const hashed = argon2Hasher.hash("secret").then(() => order.push("hashed"));
    await new Promise((resolve) => setImmediate(resolve));
    order.push("went on");
    await hashed;
    expect(order).toEqual(["went on", "hashed"]);
  });
});

describe("access tokens", () => {
  const key = base64url.encode(new Uint8Array(32).fill(7));
  const signer = createTokenSigner(key);
  const claims = { user: newId("user"), session: newId("session") };
  const time = { issuedAt: 1_000_000, expiresAt: 1_900_000 };

  it("AU1: say who and which session, until they expire", async () => {
    const token = await signer.sign(claims, time);
    expect(await signer.verify(token, 1_000_000)).toEqual(claims);
    expect(await signer.verify(token, 1_899_000)).toEqual(claims);
    expect(await signer.verify(token, 1_900_000)).toBeUndefined();
  });

  it("AU1: of another key, another kind, without a signature or changed are none", async () => {
    const other = createTokenSigner(base64url.encode(new Uint8Array(32).fill(8)));
    const token = await signer.sign(claims, time);
    const [header, , signature] = token.split(".");
    const payload = base64url.encode(
      JSON.stringify({ iss: "trueline", sub: "usr_eve", sid: "ses_x", exp: 9_999_999_999 }),
    );
    const none = base64url.encode(JSON.stringify({ alg: "none", typ: "at+jwt" }));
    const plain = await new SignJWT({ sid: claims.session })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("trueline")
      .setSubject(claims.user)
      .setExpirationTime(9_999)
      .sign(base64url.decode(key));
    const forged = [
      await other.sign(claims, time),
      `${header}.${payload}.${signature}`,
      `${none}.${payload}.`,
      plain,
      "",
      "a.b.c",
    ];
    for (const token of forged) expect(await signer.verify(token, 1_000_000)).toBeUndefined();
  });

  it("AU1: a key that is too short is refused at once", () => {
    expect(() => createTokenSigner("c2hvcnQ")).toThrow("256 bits");
  });
});
