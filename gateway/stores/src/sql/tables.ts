/** The columns of every table that kysely queries use, the same in every database. An area adds its tables here. */
import type { Generated } from "kysely";

export interface Tables extends RecordsTables, AccountsTables, AuditTables, FactsTables {}

export interface RecordsTables {
  threads: {
    /** Rises with every row: the order in which things happened, whatever the clock did. */
    number: Generated<number>;
    owner: string;
    id: string;
    title: string;
    created_at: number;
    updated_at: number;
  };
  messages: {
    number: Generated<number>;
    owner: string;
    id: string;
    thread_id: string;
    role: "user" | "agent";
    text: string;
    run_id: string;
    client_id: string | null;
    cut_off: "failed" | "cancelled" | null;
    created_at: number;
  };
  /** What stays of messages whose thread was deleted. */
  deleted_messages: {
    owner: string;
    client_id: string;
    id: string;
    thread_id: string;
    run_id: string;
    /** SHA-256, hex. */
    text_hash: string;
    deleted_at: number;
  };
  unannounced_changes: {
    number: Generated<number>;
    owner: string;
    thread_id: string;
    log_seq: number;
    /** JSON. */
    change: string;
  };
  runs: {
    number: Generated<number>;
    owner: string;
    id: string;
    thread_id: string;
    message_id: string;
    agent: string;
    state: string;
    log_seq: number;
    takeovers: number;
    /** JSON of a `RunOutcome`. */
    outcome: string | null;
    created_at: number;
    ended_at: number | null;
  };
  transcripts: {
    owner: string;
    run_id: string;
    place: number;
    /** JSON of a `TranscriptEntry`. */
    entry: string;
  };
  usage: {
    owner: string;
    run_id: string;
    created_at: number;
    input_tokens: number;
    output_tokens: number;
    cost_usd: number | null;
  };
}

export interface AccountsTables {
  users: {
    id: string;
    email: string;
    /** The e-mail in lower case, by which it is unique. */
    email_key: string;
    name: string;
    role: "user" | "administrator";
    /** 0 or 1. */
    disabled: number;
    password_hash: string | null;
    created_at: number;
    purpose: "demo" | "probe" | null;
  };
  provider_subjects: {
    issuer: string;
    subject: string;
    owner: string;
  };
  sessions: {
    number: Generated<number>;
    id: string;
    owner: string;
    family_hash: string;
    token_hash: string;
    previous_hash: string | null;
    rotated_at: number;
    created_at: number;
    expires_at: number;
  };
  grants: {
    kind: "ticket" | "oidc_flow" | "oidc_session";
    hash: string;
    owner: string | null;
    /** JSON. */
    value: string;
    expires_at: number;
  };
  revocations: {
    id: Generated<number>;
    owner: string;
    session_id: string | null;
    reason: "session_revoked" | "user_disabled" | "password_changed" | "token_expired";
    at: number;
  };
  secrets: {
    name: string;
    value: string;
  };
}

export interface AuditTables {
  audit_entries: {
    seq: number;
    at: number;
    action: string;
    user_id: string | null;
    acted_by: string | null;
    address: string | null;
    /** JSON, byte for byte as it was hashed. */
    detail: string;
    previous: string;
    hash: string;
  };
  /** One row: where the chain ends. */
  audit_anchor: {
    id: number;
    seq: number;
    hash: string;
  };
}

interface FactsTables {
  probe_walks: {
    number: Generated<number>;
    at: number;
    /** JSON of a `ProbeReport`. */
    report: string;
  };
  fact_minutes: {
    id: string;
    minute: number;
    source: "probe" | "traffic";
    /** JSON of the tallies and latencies. */
    facts: string;
  };
}
