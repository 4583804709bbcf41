import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { useSession, useSignOut } from "../session/queries";
import { PersonButton } from "./PersonButton";

const SCHEMES: { value: MantineColorScheme; words: string }[] = [
  { value: "auto", words: "As the system" },
  { value: "light", words: "Light" },
  { value: "dark", words: "Dark" },
];

interface Props {
  reportBug: () => void;
  showKeys: () => void;
  startOpened?: boolean;
}

export default function PersonMenu({ reportBug, showKeys, startOpened = false }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const session = useSession();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={190} defaultOpened={startOpened}>
      <Menu.Target>
        <PersonButton />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Look</Menu.Label>
        {SCHEMES.map(({ value, words }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={colorScheme === value}
            rightSection={colorScheme === value ? "✓" : null}
            onClick={() => setColorScheme(value)}
          >
            {words}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={showKeys} rightSection="?">
          Keys
        </Menu.Item>
        <Menu.Item onClick={reportBug}>Report a bug</Menu.Item>
        <Menu.Divider />
        <Menu.Label>Version {session.data?.hub.version}</Menu.Label>
        <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
