import { Modal } from "@mantine/core";
import { Key } from "../tag/Key";
import styles from "./Keys.module.css";
import { useCommands } from "./useCommand";
import { keysWords } from "./words";

/** Keys that belong to what has the focus, and so to no command. */
const STANDING = [
  { group: "Moving a card", words: "Take up the card, put it down", keys: "Space" },
  { group: "Moving a card", words: "The column beside it, the card above or below", keys: "Arrows" },
  { group: "Moving a card", words: "Leave it where it was", keys: "Escape" },
];

/** The help sheet: the keys that mean something where the person is now. */
export default function Keys({ close }: { close: () => void }) {
  const commands = useCommands().flatMap(({ group, words, keys }) => (keys ? [{ group, words, keys }] : []));
  const all = [...commands, ...STANDING];
  const groups = [...new Set(all.map((command) => command.group))];
  return (
    <Modal opened onClose={close} title="Keys" size={520} transitionProps={{ duration: 0 }}>
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group} className={styles.group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {all
                .filter((command) => command.group === group)
                .map((command) => (
                  <div key={command.words}>
                    <dt>{command.words}</dt>
                    <dd>
                      <Key>{keysWords(command.keys)}</Key>
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
