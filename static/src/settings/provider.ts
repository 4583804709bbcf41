import type { components } from "../api/schema";
import type { Provider } from "../api/types";

export type Schemas = components["schemas"];
export type Protocol = Provider["protocol"];

/** What a person says of a provider. An empty key: the one that is kept stays. */
export interface Draft {
  name: string;
  url: string;
  protocol: Protocol;
  local: boolean;
  key: string;
}

export const NEW: Draft = { name: "", url: "", protocol: "openai", local: false, key: "" };

export const draftOf = ({ name, url, protocol, local }: Provider): Draft => ({ name, url, protocol, local, key: "" });

/** What of it differs, or null; a vendor's protocol and Ollama's are their own. */
export function patchOf(provider: Provider, draft: Draft): Schemas["ProviderPatch"] | null {
  const patch = {
    ...(draft.url.trim() !== provider.url && { url: draft.url.trim() }),
    ...(provider.kind === "named" && draft.protocol !== provider.protocol && { protocol: draft.protocol }),
    ...(provider.kind === "named" && draft.local !== provider.local && { local: draft.local }),
    ...(draft.key.trim() !== "" && { key: draft.key.trim() }),
  };
  return Object.keys(patch).length === 0 ? null : ({ version: provider.version, ...patch } as Schemas["ProviderPatch"]); // only what is named changes
}

export const tryOf = ({ key, name, url, ...rest }: Draft): Schemas["ProviderTry"] => ({
  ...rest,
  name: name.trim(),
  url: url.trim(),
  ...(key.trim() !== "" && { key: key.trim() }),
});
