import type { components } from "./schema";

type Schemas = components["schemas"];

export type Approval = Schemas["ApprovalOut"];
export type Board = Schemas["BoardOut"];
export type Card = Schemas["CardOut"];
export type Column = Schemas["ColumnOut"];
export type Comment = Schemas["CommentOut"];
export type Criterion = Schemas["CriterionOut"];
export type Diff = Schemas["DiffOut"];
export type Evidence = Schemas["EvidenceOut"];
export type Finding = Schemas["FindingOut"];
export type FullHealth = Schemas["FullHealthOut"];
export type Handoff = Schemas["HandoffOut"];
export type HealthPart = Schemas["PartOut"];
export type HubEvent = Schemas["EventOut"];
export type InboxItem = Schemas["InboxItem"];
export type Plan = Schemas["PlanOut"];
export type PlanProgress = Schemas["PlanProgress"];
export type Project = Schemas["ProjectOut"];
export type ProjectPatch = Schemas["ProjectPatch"];
export type Proof = Schemas["ProofOut"];
export type Request = Schemas["RequestOut"];
export type Run = Schemas["RunOut"];
export type Session = Schemas["SessionOut"];
export type Summary = Schemas["SummaryOut"];
export type Task = Schemas["TaskDetail"];
export type UsedUp = Schemas["UsedUp"];
