import type { Models } from "./queries";

type Model = Models["providers"][number]["models"][number];

const GB = 1e9;

export const gigabytes = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`;

/** Whether a model has its place on the card, in words; empty where nobody can say. */
export function fitWords({
  fit,
  largest_context,
  fit_fault,
}: Pick<Model, "fit" | "largest_context" | "fit_fault">): string {
  if (fit_fault) return fit_fault;
  if (!fit) return "";
  if (fit.fits) return `fits the card with a context of ${fit.context.toLocaleString("en")} tokens`;
  if (largest_context != null && largest_context > 0)
    return `fits the card with a context of ${largest_context.toLocaleString("en")} tokens at most`;
  return `too large for the card (${gigabytes(fit.total)} of ${gigabytes(fit.usable)}): slow, partly on the processor`;
}

const FIRST = "qwen2.5-coder:1.5b";

/** The model to offer first: the hub's own where it is this provider's and missing, else a small one where there is none. */
export function suggestion(
  chosen: string,
  { name, models }: Pick<Models["providers"][number], "name" | "models">,
): { model: string; sentence: string } | null {
  const has = (model: string) => models.some((one) => one.name === model || one.name === `${model}:latest`);
  if (chosen.startsWith(`${name}/`))
    return has(chosen)
      ? null
      : { model: chosen, sentence: `${chosen} is the hub's model, and this server does not have it yet.` };
  if (models.length > 0) return null;
  return {
    model: `${name}/${FIRST}`,
    sentence: `It has no model yet. ${FIRST} is a good first one for a card of 4 GB (1 GB, Apache-2.0).`,
  };
}

export interface Readiness {
  ready: boolean;
  scripted: boolean;
  sentence: string;
}

/** Whether the hub's model can answer now. */
export function readiness({ default_model, providers }: Models): Readiness {
  const [name = ""] = default_model.split("/");
  const provider = providers.find((one) => one.name === name);
  if (provider?.scripted)
    return {
      ready: true,
      scripted: true,
      sentence: `${default_model} plays a file: it is no AI, and good for a look around.`,
    };
  if (!provider)
    return {
      ready: false,
      scripted: false,
      sentence: `The model is ${default_model}, and no provider ${name} is set up.`,
    };
  if (!provider.answers)
    return { ready: false, scripted: false, sentence: `The model is ${default_model}. ${provider.sentence}` };
  const there = provider.models.some((one) => one.name === default_model || one.name === `${default_model}:latest`);
  if (!there && provider.models.length + Number(provider.fetches) > 0)
    return { ready: false, scripted: false, sentence: `The model is ${default_model}, and ${name} does not have it.` };
  return { ready: true, scripted: false, sentence: `${default_model} answers.` };
}
