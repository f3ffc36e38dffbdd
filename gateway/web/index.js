import { fileURLToPath } from "node:url";

/** Absolute path of the folder that holds the built pages (`index.html` and hashed assets). */
export const webRoot = fileURLToPath(new URL("./dist/", import.meta.url));
