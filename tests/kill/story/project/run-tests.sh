# Each tests/*.sh is a test; the report is written as JUnit's.
mkdir -p .workflow
failed=0
cases=""
for file in tests/*.sh; do
  name=$(basename "$file" .sh)
  if sh "$file"; then
    cases="$cases<testcase classname=\"tests\" name=\"$name\"/>"
  else
    cases="$cases<testcase classname=\"tests\" name=\"$name\"><failure message=\"it fails\"/></testcase>"
    failed=1
  fi
done
printf '<testsuite name="tests">%s</testsuite>\n' "$cases" >.workflow/junit.xml
exit $failed
