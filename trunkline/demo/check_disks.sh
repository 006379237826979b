# The table of real file systems, and how full the fullest is.
df -P -h -x tmpfs -x devtmpfs -x overlay -x squashfs 2>/dev/null || df -P -h
highest=$(df -P 2>/dev/null | awk 'NR > 1 && $1 ~ /^\// { gsub(/%/, "", $5); if ($5 + 0 > top) top = $5 + 0 } END { print top + 0 }')
echo "<SOPS_VAR>highest:$highest</SOPS_VAR>"
