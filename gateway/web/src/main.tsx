/** Starts the pages: one client for the life of the page. */
import { browserStorage, connect } from "@trueline/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { arrive } from "./arrival.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/prose.css";
import "./styles/chat.css";
import "./styles/sign-in.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

const client = connect({ session: browserStorage(), client: { name: "trueline-web", version: "0.1.0" } });
const arrival = arrive(client);

createRoot(root).render(
  <StrictMode>
    <App client={client} arrival={arrival} />
  </StrictMode>,
);
