& "$env:ProgramFiles\Example\firmware.exe" --password
if ($LASTEXITCODE) { throw "firmware.exe ended with $LASTEXITCODE" }
