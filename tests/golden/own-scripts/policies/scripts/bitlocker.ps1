$ErrorActionPreference = 'Stop'
$null = Enable-BitLocker -MountPoint $env:SystemDrive -TpmProtector -SkipHardwareTest
