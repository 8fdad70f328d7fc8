@echo off
setlocal EnableExtensions DisableDelayedExpansion
rem Starts the 64-bit Windows PowerShell, also from the 32-bit client, and passes its exit code on.
set "ERRORLEVEL="
set "SCRIPT=launch.ps1"
set "ENGINE=%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
if exist "%SystemRoot%\sysnative\WindowsPowerShell\v1.0\powershell.exe" set "ENGINE=%SystemRoot%\sysnative\WindowsPowerShell\v1.0\powershell.exe"
if not exist "%ENGINE%" exit /b 229
"%ENGINE%" -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0%SCRIPT%"
exit /b %ERRORLEVEL%
