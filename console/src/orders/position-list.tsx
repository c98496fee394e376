import type { Position } from "@mandate/client";
import { useAccounts, usePositions } from "@mandate/react";
import { Text } from "@mantine/core";
import { amount } from "../format/amount";
import { money } from "../format/money";
import { IconPie } from "../parts/icons";
import { Loaded } from "../parts/loaded";
import { NoticeBox } from "../parts/notice-box";
import { Rows } from "../parts/rows";

/** What is held, at today's price of the market. */
export function PositionList() {
  const positions = usePositions();
  const accounts = useAccounts().data;
  return (
    <Loaded
      query={positions}
      empty={
        <div className="surface">
          <NoticeBox icon={<IconPie size={32} />} title="Nothing held">
            After the first order is filled, what you hold is listed here.
          </NoticeBox>
        </div>
      }
    >
      {(items) => (
        <Rows
          label="Positions"
          rows={items}
          id={(position) => `${position.account_id} ${position.symbol}`}
          columns={[
            { name: "Symbol", cell: (position) => <strong>{position.symbol}</strong> },
            {
              name: "Account",
              cell: (position) =>
                accounts?.find((one) => one.account_id === position.account_id)?.name ?? "–",
            },
            { name: "Quantity", right: true, cell: (position) => amount(position.quantity) },
            {
              name: "Bought at",
              right: true,
              cell: (position) => money(position.average_price, position.currency),
            },
            {
              name: "Last price",
              right: true,
              cell: (position) => money(position.last_price, position.currency),
            },
            { name: "Value", right: true, cell: (position) => money(position.value, position.currency) },
            { name: "Gain", right: true, cell: (position) => <Gain position={position} /> },
          ]}
        />
      )}
    </Loaded>
  );
}

function Gain({ position }: { position: Position }) {
  const gain = Number(position.unrealised ?? Number.NaN);
  const text = `${gain > 0 ? "+" : ""}${money(position.unrealised, position.currency)}`;
  return (
    <Text component="span" inherit className={gain < 0 ? "down" : gain > 0 ? "up" : ""}>
      {text}
    </Text>
  );
}
