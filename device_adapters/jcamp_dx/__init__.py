"""The parts of the JCAMP-DX reader: records and blocks, ordinates, tables, descriptions.

The standards: McDonald & Wilks, *Appl. Spectrosc.* 42 (1988) 151 (JCAMP-DX 4.24); Lampen et al.,
*Appl. Spectrosc.* 53 (1999) 1489 (5.01 with NTUPLES); Grasselli, *Pure Appl. Chem.* 63 (1991) 1781.
"""
