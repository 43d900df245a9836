package io.invoicestream.flink;

import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/** {@link GroupInvoices} alone, its time and its state in the test's hands. */
final class GroupHarness
        extends KeyedOneInputStreamOperatorTestHarness<StringData, RowData, RowData> {

    static final long INTERVAL = 1000;
    static final long TTL = 60_000;

    private GroupHarness(GroupInvoices operator, LineContract contract) throws Exception {
        super(operator, Keys.invoiceNo(contract), Keys.TYPE);
    }

    /** One that holds this state, or null for none. */
    static GroupHarness open(
            LineContract contract,
            RevisionOutputs outputs,
            int maxBundleLines,
            OperatorSubtaskState state)
            throws Exception {
        GroupHarness harness =
                new GroupHarness(
                        new GroupInvoices(contract, outputs, INTERVAL, maxBundleLines, TTL),
                        contract);
        harness.setup(
                Rows.typeInfo(Rows.lakeInvoice(contract))
                        .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        return harness;
    }

    void interval() throws Exception {
        setProcessingTime(getProcessingTime() + INTERVAL);
    }
}
