import { Modal } from "@mantine/core";
import { NotifyParts } from "./NotifyParts";

export default function NotifyDialog({ close }: { close: () => void }) {
  return (
    <Modal opened onClose={close} title="Notifications" size="lg">
      <NotifyParts />
    </Modal>
  );
}
