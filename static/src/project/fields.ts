import type { Project, ProjectIn, ProjectPatch } from "../api/types";

/** What a person can say of a project, in the form's own shape. */
export interface Fields {
  name: string;
  environment: string;
  default_branch: string;
  merge_method: Project["merge_method"];
  push: boolean;
  remote: string;
}

export const NEW: Fields = {
  name: "",
  environment: "",
  default_branch: "",
  merge_method: "merge",
  push: false,
  remote: "origin",
};

export function fieldsOf(project: Project): Fields {
  const { name, environment, default_branch, merge_method, settings } = project;
  const remote = typeof settings.push_remote === "string" ? settings.push_remote : NEW.remote;
  return { name, environment, default_branch, merge_method, push: settings.push_after_merge === true, remote };
}

/** What differs from the project as it is; null where nothing does. */
export function patchOf(project: Project, now: Fields): ProjectPatch | null {
  const was = fieldsOf(project);
  const changed: Partial<ProjectPatch> = {};
  if (now.name.trim() !== was.name) changed.name = now.name.trim();
  if (now.environment !== was.environment) changed.environment = now.environment;
  if (now.default_branch.trim() !== was.default_branch) changed.default_branch = now.default_branch.trim();
  if (now.merge_method !== was.merge_method) changed.merge_method = now.merge_method;
  if (now.push !== was.push || now.remote.trim() !== was.remote) changed.settings = pushSettings(now);
  return Object.keys(changed).length === 0 ? null : ({ version: project.version, ...changed } as ProjectPatch);
}

export function bodyOf(fields: Fields, workspace_path: string, allow_dirty: boolean): ProjectIn {
  const { name, environment, merge_method, push } = fields;
  return {
    name: name.trim(),
    workspace_path: workspace_path.trim(),
    allow_dirty,
    environment,
    merge_method,
    workflow: "software",
    ...(fields.default_branch.trim() ? { default_branch: fields.default_branch.trim() } : {}),
    ...(push ? { settings: pushSettings(fields) } : {}),
  };
}

function pushSettings({ push, remote }: Fields): Record<string, unknown> {
  const named = remote.trim() || NEW.remote;
  return { push_after_merge: push, push_remote: named === NEW.remote ? null : named };
}
