# Aliases only: `just X` is what `.ci/run X` does.

default:
    .ci/run

fmt:
    .ci/run fmt

clippy:
    .ci/run clippy

doc:
    .ci/run doc

test:
    .ci/run test
