import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./rows.module.css";

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  right?: boolean;
}

/** A table that becomes a list of cards where there is no room for columns. */
export function Rows<T>({
  label,
  columns,
  rows,
  id,
}: {
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  id: (row: T) => string;
}) {
  return (
    <div className={`surface ${classes.box}`}>
      <Table className={classes.table} aria-label={label} verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.name} scope="col" ta={column.right ? "right" : "left"}>
                <Text component="span" size="xs" c="dimmed" fw={500}>
                  {column.name}
                </Text>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={id(row)}>
              {columns.map((column) => (
                <Table.Td
                  key={column.name}
                  data-name={column.name}
                  ta={column.right ? "right" : "left"}
                  className={column.right ? "numbers" : undefined}
                >
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
