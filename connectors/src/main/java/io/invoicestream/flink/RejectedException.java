package io.invoicestream.flink;

/** A line does not keep the contract; bad input is no surprise, so it carries no stack. */
final class RejectedException extends Exception {

    private static final long serialVersionUID = 1L;

    final RejectReason reason;

    RejectedException(RejectReason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }
}
