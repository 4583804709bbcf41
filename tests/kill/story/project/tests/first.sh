test -f run-tests.sh
