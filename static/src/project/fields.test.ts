import { expect, test } from "vitest";
import type { Project } from "../api/types";
import { bodyOf, fieldsOf, NEW, patchOf } from "./fields";

const project = {
  id: 1,
  name: "Till",
  environment: "",
  default_branch: "main",
  merge_method: "merge",
  settings: { commands: { test: "make check" }, push_after_merge: true, push_remote: "backup" },
  version: 7,
} as unknown as Project;

test("only what differs is sent, over the version that was seen", () => {
  const fields = fieldsOf(project);
  expect(patchOf(project, fields)).toBeNull();
  expect(patchOf(project, { ...fields, merge_method: "squash" })).toEqual({ version: 7, merge_method: "squash" });
  expect(patchOf(project, { ...fields, push: false, remote: "origin" })).toEqual({
    version: 7,
    settings: { push_after_merge: false, push_remote: null },
  });
});

test("a new project names a branch and pushes only where they were said", () => {
  expect(bodyOf({ ...NEW, name: " Till " }, " till ", false)).toEqual({
    name: "Till",
    workspace_path: "till",
    allow_dirty: false,
    environment: "",
    merge_method: "merge",
    workflow: "software",
  });
  expect(bodyOf({ ...NEW, push: true, remote: "backup" }, "t", false).settings).toEqual({
    push_after_merge: true,
    push_remote: "backup",
  });
});
