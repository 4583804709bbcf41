import { SegmentedControl } from "@mantine/core";
import page from "../theme/Page.module.css";
import { MODEL_PARTS, type ModelPart } from "../place/place";
import { go, usePlace } from "../place/usePlace";
import { useProject } from "../project/queries";
import { RoleModelsList } from "./RoleModelsList";
import { There } from "./There";
import { Traffic } from "./Traffic";

const WORDS: Record<ModelPart, string> = { there: "Models", roles: "By role", traffic: "Traffic" };

/** What models there are, who uses which, and what was asked of them. */
export default function Models() {
  const place = usePlace();
  const project = useProject();
  const traffic = place.part === "traffic";
  return (
    <div className={traffic ? `${page.page} ${page.tall}` : page.page}>
      <header className={page.head}>
        <h1 className={page.title}>Models</h1>
        <SegmentedControl
          size="xs"
          aria-label="What of the models"
          value={place.part}
          onChange={(part) => go({ part: part, call: null })}
          data={MODEL_PARTS.map((value) => ({ value, label: WORDS[value] }))}
        />
      </header>
      {place.part === "there" && <There />}
      {place.part === "roles" && <RoleModelsList project={project ?? null} />}
      {traffic && <Traffic project={project?.id ?? null} />}
    </div>
  );
}
