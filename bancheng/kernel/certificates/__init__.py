"""certificates: a licence as a sealed PDF that anybody can check.

Promise: the file a holder downloads is sealed by the unit that issued the licence, is the same to the byte however often it is
fetched, and its code tells the state of the licence at that second. For whom: holders, and whoever is shown the file.
Law: 国务院令第716号 第八条至第十条 (a reliable electronic signature and seal; an electronic licence equals paper),
电子签名法 第十三条 (what makes a signature reliable: any change of the content can be found).
Standings: valid → superseded | outdated | suspended | revoked | cancelled | expired | changed (`rules.Standing`); they are worked out
from the licence when asked, never stored, so that nothing stored can be out of date (R-E-4).
What can go wrong: a file lives on in somebody's hands after its licence was revoked (the page behind its code says so at once);
somebody alters the file (its bytes are no longer those kept, and the seal breaks); the unit has no seal (refused with a
sentence, nothing is made); a test seal is taken for a real one (every page of it is marked 样章, and production does not start
with it). Made for licences issued through the platform, by a job promised in the same transaction; one that came in with a
unit's list is certified when its holder asks (decision 0015).
"""
