package io.invoicestream.flink;

/** The text is not one JSON value; bad input is no surprise, so it carries no stack. */
final class MalformedJsonException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedJsonException() {
        super("not one JSON value", null, false, false);
    }
}
