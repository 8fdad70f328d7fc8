@echo off
setlocal EnableExtensions DisableDelayedExpansion
rem Starts the 64-bit Windows PowerShell, also from the 32-bit client, and passes its exit code on.
set "ERRORLEVEL="
set "SCRIPT="
set "SWITCH="
if /i "%~1 %~2"=="remediate " set "SCRIPT=remediate.ps1"
if /i "%~1 %~2"=="rollback -OnlyRetired" set "SCRIPT=rollback.ps1" & set "SWITCH=-OnlyRetired"
if /i "%~1 %~2"=="rollback -All" set "SCRIPT=rollback.ps1" & set "SWITCH=-All"
if not defined SCRIPT exit /b 232
set "ENGINE=%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
if exist "%SystemRoot%\sysnative\WindowsPowerShell\v1.0\powershell.exe" set "ENGINE=%SystemRoot%\sysnative\WindowsPowerShell\v1.0\powershell.exe"
if not exist "%ENGINE%" exit /b 229
"%ENGINE%" -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0%SCRIPT%" %SWITCH%
exit /b %ERRORLEVEL%
