if ([IO.File]::Exists("$env:ProgramData\Example\password-is-set")) { 'Set' } else { 'Not set' }
