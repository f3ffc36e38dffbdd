import { expect, it } from "vitest";
import { findPaths } from "../check-paths.ts";

it("finds links and code spans that name a path, and leaves the rest", () => {
  const markdown = `
See [the design](docs/design.md#top), [elsewhere](https://example.com/a/b), [below](#below) and ![a picture](images/a.png).
Open \`gateway/server/src/log\`, call \`managers.for(user)\`, send to \`/v1/ws\`, use \`@trueline/client\`, type \`npm start\`.
\`\`\`sh
cat gateway/nothing
\`\`\`
`;
  expect(findPaths(markdown)).toEqual(["docs/design.md", "images/a.png", "gateway/server/src/log"]);
});
